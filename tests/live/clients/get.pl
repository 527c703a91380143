# SPDX-License-Identifier: BSD-3-Clause
use LWP::UserAgent;
my $agent = LWP::UserAgent->new(ssl_opts => {verify_hostname => 0, SSL_verify_mode => 0});
print $agent->get($ARGV[0])->content;
