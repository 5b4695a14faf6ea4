# SPDX-License-Identifier: Apache-2.0
# fish completion for srvaudit; the words come from the program's own help.
complete -c srvaudit -n __fish_use_subcommand -a 'url checks explain'
complete -c srvaudit -n '__fish_seen_subcommand_from explain' -f \
    -a '(srvaudit checks | string replace -r " .*" "")'
complete -c srvaudit -n 'string match -q -- "-*" (commandline -ct)' -f \
    -a '(srvaudit (commandline -opc)[2..2] --help 2>/dev/null | string match -ra -- "--[a-z-]+")'
