# SPDX-License-Identifier: MIT
"""A file as an array of C. Arguments: the file, the array's name. Writes to standard output."""
import sys

path, name = sys.argv[1:]
with open(path, "rb") as file:
    data = file.read()
print("#include <stddef.h>")
print(f"extern const unsigned char {name}[];\nextern const size_t {name}_len;")
print(f"const unsigned char {name}[] = {{")
for i in range(0, len(data), 20):
    print("".join(f"{byte}," for byte in data[i:i + 20]))
print(f"}};\nconst size_t {name}_len = {len(data)};")
