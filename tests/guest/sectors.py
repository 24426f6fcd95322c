"""Guests of 512 bytes, as machine code: each does one thing that a real guest may do, in a fraction of a second."""

from pathlib import Path

HALT = bytes.fromhex("fa f4 eb fd")  # cli; hlt; jmp $-1
SPIN = bytes.fromhex("eb fe")  # jmp $
RESET = bytes.fromhex("b0 fe e6 64") + HALT  # mov al,fe; out 64,al: the keyboard controller's reset line
OFF = bytes.fromhex("ba 04 06 b8 00 20 ef") + HALT  # mov dx,604; mov ax,2000; out dx,ax: ACPI S5 on q35
# xor bx,bx; mov es,bx; mov cx,1; mov dh,0; L: mov ax,301; int 13; inc ch; jmp L: a sector to each cylinder of the disk
WRITE = bytes.fromhex("31 db 8e c3 b9 01 00 b6 00 b8 01 03 cd 13 fe c5 eb f7")
QUIT = bytes.fromhex("ba f4 00 b0 10 ee") + HALT  # to isa-debug-exit, where the test puts one

# cli; xor ax,ax; mov ds,ax; cld; mov si,TEXT; mov dx,3f8; L: lodsb; test al,al; jz E; out dx,al; jmp L; E:
# Without cli, SeaBIOS's timer goes on writing its own last words to the port, in between ours.
_PRINT = bytes.fromhex("fa 31 c0 8e d8 fc be 00 00 ba f8 03 ac 84 c0 74 03 ee eb f8")
_TEXT_AT = 7


# mov dx,510; mov ax,5; out dx,ax; inc dx; in al,dx; cmp al,1; je +N: of fw_cfg, how many CPUs there are
_COUNT_CPUS = bytes.fromhex("ba 10 05 b8 05 00 ef 42 ec 3c 01 0f 84 00 00")


def prints(text: bytes, then: bytes = HALT, at: int = 0) -> bytes:
    """Code that writes bytes to the first serial port, and goes on with other code. It stands `at` that byte."""
    text_begins = (0x7C00 + at + len(_PRINT) + len(then)).to_bytes(2, "little")
    return _PRINT[:_TEXT_AT] + text_begins + _PRINT[_TEXT_AT + 2 :] + then + text + b"\0"


def by_cpus(several: bytes, one: bytes, then: bytes = HALT) -> bytes:
    """Code that prints one of two texts, by whether it has several CPUs."""
    first = prints(several, then, len(_COUNT_CPUS))
    count = _COUNT_CPUS[:-2] + len(first).to_bytes(2, "little")
    return count + first + prints(one, then, len(count + first))


def disk(path: Path, code: bytes) -> Path:
    """A raw disk of 1 MiB that boots into `code`; of one sector alone, SeaBIOS reads nothing."""
    assert len(code) <= 510
    path.write_bytes((code.ljust(510, b"\0") + b"\x55\xaa").ljust(1 << 20, b"\0"))
    return path
