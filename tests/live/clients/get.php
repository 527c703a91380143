<?php // SPDX-License-Identifier: BSD-3-Clause
$unverified = ["ssl" => ["verify_peer" => false, "verify_peer_name" => false]];
echo file_get_contents($argv[1], false, stream_context_create($unverified));
