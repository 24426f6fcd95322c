from generator.image.lines import Event
from generator.image.tale import Tale
from generator.progress import Task


class Heard(Task):
    def __init__(self) -> None:
        super().__init__("test")
        self.heard: list[str] = []

    def say(self, what: str) -> None:
        self.heard.append(what)


def told(*lines: tuple[str, str]) -> tuple[Tale, list[str]]:
    task = Heard()
    tale = Tale(task)
    for how, text in lines:
        tale.take(Event("", "ui", (how, text)))
    return tale, task.heard


def test_the_stages_of_a_build() -> None:
    tale, heard = told(
        ("say", "==> qemu.image: Retrieving Disk"),
        ("say", "==> qemu.image: Starting VM, booting disk image"),
        ("say", "==> qemu.image: Connected to SSH!"),
        ("say", "==> qemu.image: Uploading upload => /run/nodebake"),
        ("say", "==> qemu.image: Provisioning with shell script: /tmp/packer-shell123"),
        ("message", "    qemu.image: step one"),
        ("error", "==> qemu.image: a warning"),
        ("say", "==> qemu.image: Provisioning with shell script: packer/scripts/sysprep.sh"),
        ("message", "    qemu.image: sysprep: clean"),
        ("say", "==> qemu.image: Gracefully halting virtual machine..."),
    )
    assert heard == [
        "booting",
        "connected",
        "uploading",
        "applying",
        "applying: step one",
        "applying: a warning",
        "cleaning",
        "cleaning: sysprep: clean",
        "shutting down",
    ]
    assert tale.halting
    assert list(tale.said) == ["step one", "a warning", "sysprep: clean"]


def test_what_a_guest_says_is_no_stage() -> None:
    tale, _ = told(
        ("say", "==> qemu.image: Provisioning with shell script: /tmp/packer-shell123"),
        ("message", "    qemu.image: Gracefully halting virtual machine"),
    )
    assert tale.stage == "applying"


def test_a_step_that_failed_is_the_stage_at_which_it_ends() -> None:
    tale, _ = told(
        ("say", "==> qemu.image: Provisioning with shell script: /tmp/packer-shell123"),
        ("error", "==> qemu.image: nodebake: the step failed: set a.b = 1"),
        ("say", "==> qemu.image: Downloading /run/nodebake/observed => observed"),
        ("say", "==> qemu.image: Provisioning with shell script: packer/scripts/sysprep.sh"),
    )
    assert (tale.stage, tale.failed_step) == ("applying", "set a.b = 1")


def test_the_reason_is_packers_own_sentence_or_its_last_complaint() -> None:
    tale, _ = told(("error", "==> qemu.image: it complains"))
    assert tale.reason == "it complains"
    tale.take(Event("qemu.image", "error", ("Script exited with non-zero exit status: 1",)))
    assert tale.reason == "Script exited with non-zero exit status: 1"
