# SPDX-License-Identifier: MIT
# Cords whose requests go to a server, and that have no function of the author.
def forwarded(name):
    # The SDK hands the request on: it never calls the function.
    def cord(self, body=None):
        raise NotImplementedError(name)

    cord.__name__ = name
    return cord
