<?php
// PHP's version_compare on its own.
while (($line = fgets(STDIN)) !== false) {
    [$a, $b] = explode("\t", rtrim($line, "\n")) + [1 => ''];
    echo ['<', '=', '>'][version_compare($a, $b) + 1], "\n";
}
