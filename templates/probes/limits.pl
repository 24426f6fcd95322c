# limits.pl TOPIC: how much a process gets of what a kernel parameter limits, up to a bound: "TOPIC: NUMBER of BOUND
# WHAT", and why it got no more. As a user whom nobody is: these limits are a user's, and the node's own processes shall
# not come to theirs meanwhile.
use strict;
use warnings;
use POSIX ();
use Socket;

use constant { NOBODY => 65530, CLOEXEC => 0x80000, DELETE_SELF => 0x400, FAILED => -1, PAGE => 4096 };
use constant { READ => 1, WRITE => 2, PRIVATE_ANONYMOUS => 0x22 };
# How far it goes: beyond the kernel's defaults (128, 8192 and 65530), and no further than is cheap.
my %MOST = (instances => 16384, watches => 10000, maps => 70000, promised => 1, nonlocal => 1);
my %CALLS = (    # asm/unistd.h
    x86_64 => { init => 294, watch => 254, mmap => 9 },
    aarch64 => { init => 26, watch => 27, mmap => 222 },
    riscv64 => { init => 26, watch => 27, mmap => 222 },
);
my $call = $CALLS{(POSIX::uname)[4]};
my %TOPICS = (
    instances => [\&instances, 'inotify instances'],
    watches => [\&watches, 'files watched by inotify'],
    maps => [\&maps, 'memory mappings of a process'],
    promised => [\&promised, 'promises of more memory than there is'],
    nonlocal => [\&nonlocal, 'sockets at an address that this node does not have'],
);

# How many can be made, up to a number.
sub instances {
    my ($most) = @_;
    for my $made (0 .. $most - 1) {
        return $made if syscall($call->{init}, CLOEXEC) < 0;
    }
    return $most;
}

sub watches {
    my ($most) = @_;
    my $inotify = syscall $call->{init}, CLOEXEC;
    return 0 if $inotify < 0;
    my ($made, @folders) = (0, '/usr', '/etc', '/var');
    while ($made < $most && defined(my $folder = shift @folders)) {
        opendir my $open, $folder or next;
        for my $path (map {"$folder/$_"} grep { !/^\.\.?$/ } readdir $open) {
            next if -l $path;
            push @folders, $path if -d _;
            my $watch = syscall $call->{watch}, $inotify, $path, DELETE_SELF;
            return $made if $watch < 0 && $! == POSIX::ENOSPC;
            $made = $watch if $watch > $made;    # they are counted from 1, and a file of two names has one
            return $made if $made >= $most;
        }
    }
    return $made;
}

sub maps {
    my ($most) = @_;
    open my $own, '<', '/proc/self/maps' or return 0;
    my $there = () = <$own>;
    for my $made ($there .. $most - 1) {    # two neighbours of one kind would be one mapping
        return $made if syscall($call->{mmap}, 0, PAGE, $made % 2 ? READ : WRITE, PRIVATE_ANONYMOUS, -1, 0) == FAILED;
    }
    return $most;
}

sub promised {
    return syscall($call->{mmap}, 0, 1 << 42, READ | WRITE, PRIVATE_ANONYMOUS, -1, 0) == FAILED ? 0 : 1;    # 4 TiB
}

sub nonlocal {
    socket my $socket, AF_INET, SOCK_STREAM, 0 or return 0;
    return bind($socket, pack_sockaddr_in(0, inet_aton('192.0.2.77'))) ? 1 : 0;    # RFC 5737: nobody's
}

my ($topic) = @ARGV;
my ($make, $what) = @{$TOPICS{$topic}};
my $most = $MOST{$topic};
$call or die "unknown architecture\n";
$) = NOBODY . ' ' . NOBODY;
$( = NOBODY;
($<, $>) = (NOBODY, NOBODY);
my $made = $make->($most);
print "$topic: $made of $most $what", $made < $most ? ", then: $!\n" : "\n";
