<?php
// composer/semver: the parser's normal form, then PHP's own comparison, branches apart.
require 'Composer/Semver/autoload.php';

$parser = new Composer\Semver\VersionParser();
while (($line = fgets(STDIN)) !== false) {
    [$a, $b] = explode("\t", rtrim($line, "\n")) + [1 => ''];
    try {
        $a = $parser->normalize($a);
        $b = $parser->normalize($b);
    } catch (UnexpectedValueException $refused) {
        echo "?\n";
        continue;
    }
    $branches = (strpos($a, 'dev-') === 0) + (strpos($b, 'dev-') === 0);
    // Composer has no order of two branches; they are equal or not comparable.
    echo $branches === 2 ? ($a === $b ? '=' : '?') : ['<', '=', '>'][version_compare($a, $b) + 1], "\n";
}
