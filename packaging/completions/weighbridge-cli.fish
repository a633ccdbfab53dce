# SPDX-FileCopyrightText: The Weighbridge authors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# fish completion of weighbridge-cli; commands and options come from its --help.

function __weighbridge_cli_commands
    weighbridge-cli --help 2>/dev/null | string match -rg '^  weighbridge-cli ([a-z]+)'
end

function __weighbridge_cli_options
    set -l given (commandline -opc)
    weighbridge-cli $given[2] --help 2>/dev/null | string match -arg -- '(--?[a-z][a-z0-9-]*)'
end

complete -c weighbridge-cli -n 'test (count (commandline -opc)) -eq 1' -f -a '(__weighbridge_cli_commands)'
complete -c weighbridge-cli -n 'test (count (commandline -opc)) -gt 1; and string match -q -- "-*" (commandline -ct)' -f -a '(__weighbridge_cli_options)'
