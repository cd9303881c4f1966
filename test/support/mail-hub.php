<?php
// A mail hub for one sender: the part of SMTP (RFC 5321) that a plain sender needs. Prints what it receives.
$server = stream_socket_server('tcp://127.0.0.1:2525');
$client = stream_socket_accept($server, 120);
fwrite($client, "220 hub.example.com\r\n");
$isContent = false;
while (($line = fgets($client)) !== false) {
    echo $line;
    $command = strtoupper(rtrim($line));
    if ($isContent && $command !== '.') {
        continue;
    }
    $isContent = $command === 'DATA';
    fwrite($client, $isContent ? "354 go on\r\n" : ($command === 'QUIT' ? "221 bye\r\n" : "250 ok\r\n"));
}
