# Pods: processes in network namespaces of their own, which answer or ask. They end when the program does that made them,
# however it ends: each reads from a pipe whose other end is there.
use Fcntl qw(F_SETFL O_NONBLOCK);
use POSIX qw(_exit);
use Socket qw(:DEFAULT inet_pton pack_sockaddr_in6 IPPROTO_IPV6 IPV6_V6ONLY);

use constant { AGAIN => 0.3, CLONE_NEWNET => 0x40000000 };
my %UNSHARE = (x86_64 => 272, aarch64 => 97, riscv64 => 97, ppc64le => 282, s390x => 303);    # asm/unistd.h
my @children;

# Commands of ip(8); returns what it said.
sub ip {
    my ($options, @commands) = @_;
    my $said = join "\n", @commands;
    $said = `echo '$said' | ip $options -batch - 2>&1`;
    die "the program ip is absent: the package iproute2 brings it\n" if $? >> 8 == 127;
    die 'ip says: ' . join('; ', grep { !/^Command failed/ } split /\n/, $said) . "\n" if $?;
    return $said;
}

# A namespace, and a process in it that will do WORK once it is started.
sub pod {
    my ($work) = @_;
    pipe my $heard, my $tell or die "pipe: $!\n";
    pipe my $order, my $command or die "pipe: $!\n";
    defined(my $pid = fork) or die "fork: $!\n";
    if (!$pid) {
        close $_ for $heard, $command;
        in_pod($work, $tell, $order);
    }
    push @children, $pid;
    close $_ for $tell, $order;
    my $pod = { pid => $pid, heard => $heard, command => $command };
    is_ready($pod);
    return $pod;
}

sub in_pod {
    my ($work, $tell, $order) = @_;
    $SIG{TERM} = 'DEFAULT';
    eval {
        my $number = $UNSHARE{(POSIX::uname)[4]} or die "no network namespaces: unknown architecture\n";
        syscall($number, CLONE_NEWNET) == 0 or die "no network namespaces: $!\n";
        syswrite $tell, "ready\n";
        my $commands = readline $order;
        defined $commands or _exit(1);
        chomp $commands;
        ip('', 'link set lo up', split /,/, $commands);
        $work->($tell, $order);
        1;
    } or syswrite $tell, $@;
    _exit(0);
}

# Has it carry out commands of ip, then do its work.
sub start {
    my ($pod, @commands) = @_;
    syswrite $pod->{command}, join(',', @commands) . "\n";
    return;
}

sub is_ready {
    my ($pod) = @_;
    my $line = '';    # byte by byte, for what a pod tells next shall be left to select
    while ($line !~ /\n/) { sysread $pod->{heard}, $line, 1, length $line or die "a pod ended\n" }
    die $line if $line ne "ready\n";
    return;
}

sub end_pods {
    kill 'KILL', @children;
    waitpid $_, 0 for @children;
    @children = ();
    return;
}

# A function that tells which of the handles can be read, once one can or the seconds are over.
sub readable {
    my ($seconds, @handles) = @_;
    my $wanted = '';
    vec($wanted, fileno $_, 1) = 1 for @handles;
    my $found = select my $ready = $wanted, undef, undef, $seconds;
    return sub { my ($handle) = @_; return $found > 0 && vec $ready, fileno $handle, 1 };
}

sub socket_address {
    my ($address, $port) = @_;
    return pack_sockaddr_in($port, inet_pton(AF_INET, $address)) if $address !~ /:/;
    return pack_sockaddr_in6($port, inet_pton(AF_INET6, $address));
}

sub new_socket {
    my ($address, $stream) = @_;
    my $family = $address =~ /:/ ? AF_INET6 : AF_INET;
    socket my $socket, $family, $stream ? SOCK_STREAM : SOCK_DGRAM, 0 or die "socket: $!\n";
    setsockopt $socket, IPPROTO_IPV6, IPV6_V6ONLY, 1 if $family == AF_INET6;
    return $socket;
}

sub listener {
    my ($address, $port, $stream) = @_;
    my $socket = new_socket($address, $stream);
    bind $socket, socket_address($address, $port) or die "bind: $!\n";
    listen $socket, 8 if $stream;
    return { socket => $socket, stream => $stream };
}

# Says NAME to everybody who comes. PLACES are [ANY ADDRESS, PORT, whether it is TCP].
sub answering {
    my ($name, @places) = @_;
    return sub {
        my ($tell, $order) = @_;
        my @open = map { listener(@{$_}) } @places;
        syswrite $tell, "ready\n";
        while (1) {
            my $can = readable(undef, $order, map { $_->{socket} } @open);
            return if $can->($order);
            answer($_, $name) for grep { $can->($_->{socket}) } @open;
        }
    };
}

sub answer {
    my ($place, $name) = @_;
    if ($place->{stream}) {
        accept my $client, $place->{socket} or return;
        syswrite $client, $name;
    }
    elsif (defined(my $from = recv $place->{socket}, my $bytes, 64, 0)) {
        send $place->{socket}, $name, 0, $from;
    }
    return;
}

# Asks again and again, and tells "NAME ANSWER" of each question {name, address, port, stream} that is answered.
sub asking {
    my (@questions) = @_;
    return sub {
        my ($tell, $order) = @_;
        syswrite $tell, "ready\n";
        put($_) for @questions;
        while (1) {
            my $can = readable(AGAIN, $order, map { $_->{socket} } @questions);
            return if $can->($order);
            for my $question (@questions) {
                if (!$can->($question->{socket})) { again($question) }
                elsif (sysread $question->{socket}, my $answer, 64) {
                    syswrite $tell, "$question->{name} $answer\n";
                    $question->{answered} = 1;
                }
                else { select undef, undef, undef, AGAIN; put($question) }    # refused, or unreachable
            }
            @questions = grep { !$_->{answered} } @questions;
        }
    };
}

sub put {
    my ($question) = @_;
    $question->{socket} = new_socket($question->{address}, $question->{stream});
    fcntl $question->{socket}, F_SETFL, O_NONBLOCK;
    connect $question->{socket}, socket_address($question->{address}, $question->{port});
    again($question);
    return;
}

sub again {    # what is lost of TCP the kernel itself sends again
    my ($question) = @_;
    send $question->{socket}, '?', 0 if !$question->{stream};
    return;
}
