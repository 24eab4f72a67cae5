from chutes.chute import Chute
chute = Chute(username="me1", name="my-old-chute", image="me/my-old-image:1.0")
