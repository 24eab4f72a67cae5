/* SPDX-License-Identifier: MIT
 * The program `chutes`.
 */
#include "cli/command.h"
#include "cli/commands.h"
#include "lib/base/io.h"

int main(int argc, char **argv)
{
	stdio_prepare();
	return command_main(&command_root, argc, argv);
}
