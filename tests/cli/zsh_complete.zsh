# SPDX-License-Identifier: MIT
# Usage: zsh -f zsh_complete.zsh FOLDER LINE
# Types LINE and a tab into an interactive zsh that has FOLDER in its fpath, and prints what the line
# has become behind "=> ".
zmodload zsh/zpty
zpty shell zsh -f -i
zpty -w shell "bindkey -e; PS1=; fpath=($1 \$fpath); autoload -U compinit; compinit -u -D; print REA""DY"
zpty -r shell answer '*READY*'
# to the start of the line, which then prints itself
zpty -w shell "$2"$'\t\x01print -r -- \'=>\' '
zpty -r shell answer "*"$'\n'"=> *"$'\n'
print -r -- "$answer"
zpty -d shell
