"""Lines of the result port, however they are cut."""

from generator.guest.port import Port


def test_lines_from_pieces() -> None:
    port = Port()
    for piece in (b"o", b"ne\ntwo\r\n", b"", b"\nth", b"r", b"ee"):
        port.feed(piece)
    assert port.lines == [b"one", b"two", b""]


def test_take_goes_on_where_it_was() -> None:
    port = Port()
    port.feed(b"a\nb\nc\n")
    assert port.take(lambda line: line == b"b") == [b"a", b"b"]
    assert port.take(lambda line: line == b"d") is None
    port.feed(b"d\n")
    assert port.take(lambda line: line == b"d") == [b"c", b"d"]
    assert port.lines == [b"a", b"b", b"c", b"d"]


def test_a_line_is_asked_about_once() -> None:
    """A guest may send a million of them, and each time some came all were looked at anew."""
    port, asked = Port(), list[bytes]()

    def never(line: bytes) -> bool:
        asked.append(line)
        return False

    for number in range(100):
        port.feed(b"%d\n" % number)
        assert port.take(never) is None
    assert asked == port.lines
    assert port.take(lambda line: line == b"99") == port.lines  # another may want what the first did not
