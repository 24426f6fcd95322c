# Rules of nf_tables by netlink(7), so that no program has to be on the node for them: neither nft nor iptables is part of
# what a profile asks for. The table is owned by the socket: the kernel removes it when this program ends, however it ends.
# The numbers are those of linux/netfilter/nf_tables.h and nfnetlink.h.
package NFTables;
use strict;
use warnings;
use Socket qw(SOCK_RAW MSG_DONTWAIT);

use constant { NETLINK => 16, NETFILTER => 12, NFTABLES => 10, REQUEST => 1, ACK => 4, DUMP => 0x300, CREATE => 0xc00 };
use constant { NEWTABLE => 0, NEWCHAIN => 3, NEWRULE => 6, GETRULE => 7, BEGIN_BATCH => 0x10, END_BATCH => 0x11 };
use constant { PREROUTING => 0, FORWARD => 2, TCP => 6, UDP => 17 };

sub new {
    my ($class, $family) = @_;
    socket my $socket, NETLINK, SOCK_RAW, NETFILTER or die "netlink: $!\n";
    return bless { socket => $socket, family => $family, number => 0 }, $class;
}

sub attribute {
    my ($type, $bytes) = @_;
    return pack('SSa*', 4 + length $bytes, $type, $bytes) . "\0" x (-length($bytes) % 4);
}
sub text { my ($type, $text) = @_; return attribute($type, "$text\0") }
sub number { my ($type, $number) = @_; return attribute($type, pack 'N', $number) }
sub nested { my ($type, @attributes) = @_; return attribute($type | 0x8000, join '', @attributes) }

sub message {
    my ($self, $type, $flags, $resource, $body) = @_;
    return pack('LSSLL', 20 + length $body, $type, REQUEST | $flags, ++$self->{number}, 0)
        . pack('CCn', $self->{family}, 0, $resource) . $body;
}

# Dies with what the kernel has against it.
sub request {
    my ($self, $type, $body) = @_;
    my $batch = $self->message(BEGIN_BATCH, 0, NFTABLES, '')
        . $self->message(NFTABLES << 8 | $type, CREATE | ACK, 0, $body)
        . $self->message(END_BATCH, 0, NFTABLES, '');
    send $self->{socket}, $batch, 0 or die "nf_tables: $!\n";
    while (defined recv $self->{socket}, my $answer, 65536, MSG_DONTWAIT) {
        my (undef, $type, undef, undef, undef, $error) = unpack 'LSSLLl', $answer;
        $! = -$error;
        die "nf_tables: $!\n" if $type == 2 && $error;
    }
    return;
}

sub table {
    my ($self, $table) = @_;
    return $self->request(NEWTABLE, text(1, $table) . number(2, 2));    # flags: owner
}

# TYPE is filter or nat, HOOK a number, PRIORITY as in nft(8).
sub chain {
    my ($self, $table, $chain, $type, $hook, $priority) = @_;
    my $where = nested(4, number(1, $hook), number(2, $priority & 0xffffffff));
    return $self->request(NEWCHAIN, text(1, $table) . text(3, $chain) . $where . text(7, $type));
}

sub rule {
    my ($self, $table, $chain, @expressions) = @_;
    my $list = nested(4, map { nested(1, $_) } @expressions);
    return $self->request(NEWRULE, text(1, $table) . text(2, $chain) . $list);
}

# How many packets each rule of a chain has counted, in the order of its rules.
sub counts {
    my ($self, $table, $chain) = @_;
    my $request = $self->message(NFTABLES << 8 | GETRULE, DUMP, 0, text(1, $table) . text(2, $chain));
    send $self->{socket}, $request, 0 or die "nf_tables: $!\n";
    my @counts;
    while (defined recv $self->{socket}, my $answer, 65536, 0) {
        while (length $answer) {
            my ($length, $type) = unpack 'LS', $answer;
            return @counts if $type == 2 || $type == 3;    # an error, or the end
            push @counts, counted(substr $answer, 20, $length - 20);
            substr($answer, 0, ($length + 3) & ~3) = '';
        }
    }
    return @counts;
}

sub counted {
    my ($rule) = @_;
    my $at = index $rule, "counter\0";
    return if $at < 0;
    my $packets = index $rule, pack('SS', 12, 2), $at;    # NFTA_COUNTER_PACKETS
    return unpack 'Q>', substr $rule, $packets + 4, 8;
}

sub expression { my ($name, @data) = @_; return text(1, $name) . nested(2, @data) }
sub value { my ($type, $bytes) = @_; return nested($type, attribute(1, $bytes)) }

# Loaded into the first register, then compared.
sub payload_is {
    my ($base, $offset, $bytes) = @_;
    my @from = (number(1, 1), number(2, $base), number(3, $offset), number(4, length $bytes));
    return expression('payload', @from), expression('cmp', number(1, 1), number(2, 0), value(3, $bytes));
}
sub from { my ($address) = @_; return payload_is(1, length $address == 4 ? 12 : 8, $address) }
sub to { my ($address) = @_; return payload_is(1, length $address == 4 ? 16 : 24, $address) }
sub port { my ($port) = @_; return payload_is(2, 2, pack 'n', $port) }
sub protocol {
    my ($protocol) = @_;
    my $loaded = expression('meta', number(1, 1), number(2, 16));
    return $loaded, expression('cmp', number(1, 1), number(2, 0), value(3, pack 'C', $protocol));
}
sub counter { return expression('counter') }
sub drop { return expression('immediate', number(1, 0), nested(2, nested(2, number(1, 0)))) }
sub established {    # ct state established: loaded, masked, and not 0
    my $loaded = expression('ct', number(1, 1), number(2, 0));
    my $mask = expression('bitwise', number(1, 1), number(2, 1), number(3, 4),
        value(4, pack 'L', 2), value(5, pack 'L', 0));
    return $loaded, $mask, expression('cmp', number(1, 1), number(2, 1), value(3, pack 'L', 0));
}
sub dnat {
    my ($self, $address, $port) = @_;
    return (
        expression('immediate', number(1, 1), value(2, $address)),
        expression('immediate', number(1, 2), value(2, pack 'n', $port)),
        expression('nat', number(1, 1), number(2, $self->{family}), number(3, 1), number(5, 2)),
    );
}

package main;
