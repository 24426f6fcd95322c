# network.pl VERSION TOPIC...: what this node's kernel does with the packets of pods, by ipv4 or ipv6. A line "TOPIC holds:
# WHAT" or "TOPIC fails: WHY" for each; the topics are the keys of %HOLDS.
#
#   pod a --- nodebake-a |
#                        | nodebake-br   this node   nodebake-up --- peer
#   pod b --- nodebake-b |
#
# Pods and peer are processes in network namespaces. This node's side stands where its own interfaces do, so that its own
# values count: those of a new namespace are the kernel's. Only the bridge outlives a program that is killed by force, and
# the next run removes it.
use Socket qw(:DEFAULT inet_pton pack_sockaddr_un);

use constant { BRIDGE => 'nodebake-br', UPLINK => 'nodebake-up' };
my %PORTS = (a => 'nodebake-a', b => 'nodebake-b', peer => UPLINK);
# RFC 5737 and RFC 3849: addresses for documents, which nobody has.
my %VERSIONS = (
    ipv4 => {
        family => AF_INET, ranges => ['192.0.2.0/24', '198.51.100.0/24', '203.0.113.0/24'], any => '0.0.0.0', bits => 28,
        node => '192.0.2.1', a => '192.0.2.2', b => '192.0.2.3', service => '198.51.100.10',
        up => '203.0.113.1', peer => '203.0.113.2', flags => '', links => [],
    },
    ipv6 => {
        family => AF_INET6, ranges => ['2001:db8:6e62::/48'], any => '::', bits => 64,
        node => '2001:db8:6e62:1::1', a => '2001:db8:6e62:1::2', b => '2001:db8:6e62:1::3', service => '2001:db8:6e62:a::a',
        up => '2001:db8:6e62:2::1', peer => '2001:db8:6e62:2::2', flags => 'nodad', links => [BRIDGE, UPLINK],
    },
);
my ($main, $locked) = ($$);

# Only one at a time, by a socket of a name that leaves nothing behind (unix(7), abstract).
sub lock_node {
    socket $locked, AF_UNIX, SOCK_STREAM, 0 or die "socket: $!\n";
    for (1 .. 60) {
        return if bind $locked, pack_sockaddr_un("\0nodebake-probe");
        select undef, undef, undef, 0.5;
    }
    undef $locked;
    die "another probe of the network is running\n";
}

sub look_for_others {
    my @shown = map { ("addr show to $_", "route show table all root $_") } @{$net->{ranges}};
    my ($used) = grep {/\S/} split /\n/, ip($net->{family} == AF_INET ? '-4 -o' : '-6 -o', @shown);
    die "this node uses an address for documents, as the probe would: $used\n" if $used;
    return;
}

# This node's side. The hardware addresses are given, so that udev gives no others meanwhile.
sub build {
    my ($pods) = @_;
    my ($number, @commands) = 0;
    for my $name (qw(a b peer)) {
        my $last = '0' . ++$number;
        push @commands, "link add $PORTS{$name} address 02:6e:62:6b:00:$last type veth "
            . "peer name eth0 address 02:6e:62:6b:01:$last netns $pods->{$name}{pid}";
    }
    push @commands, "link add ${\BRIDGE} address 02:6e:62:6b:00:00 type bridge mcast_snooping 0";
    push @commands, map {"link set $PORTS{$_} master ${\BRIDGE}"} qw(a b);
    push @commands, map {"link set $_ addrgenmode none"} @{$net->{links}};
    push @commands, map {"link set $_ up"} BRIDGE, values %PORTS;
    push @commands, "addr add $net->{node}/$net->{bits} dev ${\BRIDGE} $net->{flags}";
    push @commands, "addr add $net->{up}/$net->{bits} dev ${\UPLINK} $net->{flags}";
    # A link-local address that is not looked for elsewhere first, which would take a second.
    push @commands, map {"addr add fe80::6e62/64 dev $_ nodad"} @{$net->{links}};
    ip('', @commands);
    return;
}

sub there { my (@names) = @_; return grep { -e "/proc/sys/net/ipv4/conf/$_" } @names }

sub remove {
    my @names = (values %PORTS, BRIDGE);
    my @there = there(@names);
    eval { ip('-force', map {"link del $_"} @there) } if @there;    # which go with their pods, too
    my ($left) = there(@names);
    die "the interface $left is left\n" if $left;
    return;
}

sub start_pod {
    my ($pod, $name, $gateway) = @_;
    start($pod, 'link set eth0 up', "addr add $net->{$name}/$net->{bits} dev eth0 $net->{flags}",
        "route add default via $net->{$gateway}");
    is_ready($pod);
    return;
}

# Why each topic fails, or '' where it holds.
sub probe {
    my (@topics) = @_;
    my @places = ([$net->{any}, WEB, 1], [$net->{any}, DNS, 0], [$net->{any}, BLOCKED, 0]);
    my %pods = map { $_ => pod(answering($_, @places)) } qw(b peer);
    $pods{a} = pod(asking(questions(@topics)));
    my $rules = NFTables->new($net->{family});
    my %trouble = map { $_ => '' } @topics;
    build(\%pods);
    my $none = eval { write_rules($rules); '' } // $@;
    $trouble{policy} ||= $none;
    $trouble{service} ||= $none || (eval { write_service($rules); '' } // $@) if exists $trouble{service};
    $trouble{tracked} ||= $none || (eval { write_tracked($rules); '' } // $@) if exists $trouble{tracked};
    start_pod($pods{b}, 'b', 'node');
    start_pod($pods{peer}, 'peer', 'up');
    start_pod($pods{a}, 'a', 'node');
    return watch($pods{a}{heard}, $rules, %trouble);
}

$SIG{TERM} = $SIG{INT} = $SIG{HUP} = sub { exit 143 };
$SIG{PIPE} = 'IGNORE';
END {
    if ($$ == $main && $locked) {
        my $code = $?;
        eval { remove() };
        end_pods();
        $? = $code;
    }
}

my ($version, @topics) = @ARGV;
$net = $VERSIONS{$version};
my %trouble = eval { lock_node(); remove(); look_for_others(); probe(@topics) };
my $failed = $@;
for my $topic (@topics) {
    my $why = $failed || $trouble{$topic};
    chomp $why;
    print $why ? "$topic fails: $why\n" : "$topic holds: $HOLDS{$topic}\n";
}
