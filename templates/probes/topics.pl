# What is looked at between pods (network.pl): the rules for each topic, the questions that pod a asks, and what came of it.
use constant { SECONDS => 8, TABLE => 'nodebake_probe', WEB => 8080, DNS => 5353, BLOCKED => 9999 };
my %HOLDS = (
    service => 'a ClusterIP whose pod is on the same bridge answers over TCP and UDP',
    policy => 'a rule in FORWARD drops, and counts, what one pod sends another on the same bridge',
    forward => 'a pod reaches a routed peer over TCP and UDP',
    tracked => 'the answers to a connection are known for its answers',
);
my %ASKED = (    # whom, at which port, whether over TCP
    service => [['service', 80, 1], ['service', 53, 0]],
    forward => [['peer', WEB, 1], ['peer', DNS, 0]],
    policy => [['b', BLOCKED, 0]],
    tracked => [],
);
my @WAYS = (['a', 'b'], ['b', 'a'], ['a', 'peer'], ['peer', 'a']);    # whose packets are counted in FORWARD
my $net;    # a value of %VERSIONS

sub bytes { my ($name) = @_; return inet_pton($net->{family}, $net->{$name}) }

# The rule of a policy; and those that count, before and after all others in FORWARD.
sub write_rules {
    my ($rules) = @_;
    $rules->table(TABLE);
    $rules->chain(TABLE, 'first', 'filter', NFTables::FORWARD, -300);
    $rules->chain(TABLE, 'last', 'filter', NFTables::FORWARD, 300);
    my @blocked = (NFTables::from(bytes('a')), NFTables::to(bytes('b')), NFTables::protocol(NFTables::UDP));
    $rules->rule(TABLE, 'first', @blocked, NFTables::port(BLOCKED), NFTables::counter(), NFTables::drop());
    for my $way (@WAYS) {
        my @way = (NFTables::from(bytes($way->[0])), NFTables::to(bytes($way->[1])), NFTables::counter());
        $rules->rule(TABLE, $_, @way) for qw(first last);
    }
    return;
}

sub write_service {
    my ($rules) = @_;
    $rules->chain(TABLE, 'service', 'nat', NFTables::PREROUTING, -100);
    for ([NFTables::TCP, 80, WEB], [NFTables::UDP, 53, DNS]) {
        my ($protocol, $from, $to) = @{$_};
        my @service = (NFTables::to(bytes('service')), NFTables::protocol($protocol), NFTables::port($from));
        $rules->rule(TABLE, 'service', @service, $rules->dnat(bytes('b'), $to));
    }
    return;
}

sub write_tracked {
    my ($rules) = @_;
    $rules->chain(TABLE, 'tracked', 'filter', NFTables::PREROUTING, -150);
    my @answer = (NFTables::from(bytes('b')), NFTables::to(bytes('node')));
    $rules->rule(TABLE, 'tracked', @answer, NFTables::established(), NFTables::counter());
    return;
}

sub questions {
    my (@topics) = @_;
    my @questions;
    for my $topic (@topics) {
        for (@{$ASKED{$topic}}) {
            my ($whom, $port, $stream) = @{$_};
            my $name = "$topic over " . ($stream ? 'TCP' : 'UDP');
            push @questions, { name => $name, address => $net->{$whom}, port => $port, stream => $stream };
        }
    }
    return @questions;
}

sub watch {
    my ($heard, $rules, %trouble) = @_;
    my (%answers, $said, $connection) = ();
    my $until = time + SECONDS + 1;
    $said = '';
    put($connection = { address => $net->{b}, port => WEB, stream => 1 }) if exists $trouble{tracked};
    while (time < $until) {
        if (readable(0.05, $heard)->($heard)) { sysread $heard, $said, 4096, length $said or die "the asking pod ended\n" }
        %answers = map { /^(\w+ over \w+) (\w+)$/ ? ($1 => $2) : die "$_\n" } split /\n/, $said;
        last if !grep { !$trouble{$_} && !is_settled($_, $rules, \%answers) } keys %trouble;
    }
    $trouble{$_} ||= trouble($_, $rules, \%answers) for keys %trouble;
    return %trouble;
}

sub unanswered {
    my ($topic, $answers) = @_;
    return map { $_->{name} =~ /over (.*)/ } grep { !$answers->{$_->{name}} } questions($topic);
}

sub is_settled {
    my ($topic, $rules, $answers) = @_;
    return ($rules->counts(TABLE, 'tracked'))[0] if $topic eq 'tracked';
    my $open = unanswered($topic, $answers);
    return $open == 0 || $topic eq 'policy' && ($rules->counts(TABLE, 'first'))[0];
}

sub trouble {
    my ($topic, $rules, $answers) = @_;
    my ($dropped) = $rules->counts(TABLE, $topic eq 'tracked' ? 'tracked' : 'first');
    if ($topic eq 'tracked') { return $dropped ? '' : 'the answers to a connection are not known for its answers' }
    my @open = unanswered($topic, $answers);
    if ($topic eq 'policy') {
        return "the packet was delivered, and the rule in FORWARD counted $dropped" if !@open;
        return $dropped ? '' : 'the packet was neither delivered nor counted: ' . loss('b', $rules);
    }
    return @open ? 'no answer over ' . join(' and ', @open) . ': ' . loss($topic eq 'service' ? 'b' : 'peer', $rules) : '';
}

# Where the packets from pod a to another and back were lost, by what was counted in FORWARD.
sub loss {
    my ($other, $rules) = @_;
    my (undef, @first) = $rules->counts(TABLE, 'first');
    my @last = $rules->counts(TABLE, 'last');
    return 'nobody could count its packets' if !@first || !@last;
    my ($there, $back) = grep { "@{$WAYS[$_]}" =~ /$other/ } 0 .. $#WAYS;
    for ($there, $back) {
        next if $first[$_] == $last[$_];
        return "a rule that this node has drops them in FORWARD, $first[$_] came in, $last[$_] came out";
    }
    return "FORWARD saw $first[$there] packets there and $first[$back] back";
}
