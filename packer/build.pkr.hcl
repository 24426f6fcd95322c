# Bakes a profile into a base image. One file for Packer 1.6.6 (Debian 12) and everything since.
#
# nodebake runs it in a private folder of its own (generator/image/), which has
#   base.qcow2   upload/apply.sh   upload/observe.sh   upload/files/   key   disk/   and the sockets console and qmp
# so every path here is short and relative, and none passes through Packer's templates or QEMU's commas.
# Nothing of a profile stands in this file: apply.sh and files/ carry it, and Packer looks into neither.

variable "name" {
  type        = string
  default     = "golden"
  description = "The profile's name: the disk is disk/image/<name>.qcow2."
}

variable "accelerator" {
  type        = string
  default     = "tcg"
  description = "Probed by nodebake. Packer's own default is kvm wherever /dev/kvm opens, also where it runs no guest."
}

variable "cpu_model" {
  type    = string
  default = "max"
}

variable "cpus" {
  type    = number
  default = 2
}

variable "memory_mib" {
  type    = number
  default = 1024
}

variable "ssh_port" {
  type        = number
  default     = 22
  description = "Where nodebake listens on 127.0.0.1, and from where it passes the connection on into the guest."
}

variable "restrict" {
  type        = string
  default     = "on"
  description = "on: the guest reaches nothing but the login. off: it reaches what the host does (to install packages)."
}

variable "login" {
  type        = list(list(string))
  default     = []
  description = "QEMU arguments that carry the public key into the guest, without a trace on its disk."
}

source "qemu" "image" {
  # A copy, not an overlay: the result stands alone, and the base's bytes were verified a moment ago.
  disk_image       = true
  iso_url          = "base.qcow2"
  iso_checksum     = "none"
  format           = "qcow2"
  skip_compaction  = true
  skip_resize_disk = true
  output_directory = "disk/image"
  vm_name          = "${var.name}.qcow2"

  # unmap: what is deleted in the guest is gone from the file. unsafe: nodebake syncs the file once, at the end.
  disk_interface     = "virtio"
  disk_cache         = "unsafe"
  disk_discard       = "unmap"
  disk_detect_zeroes = "unmap"

  accelerator  = var.accelerator
  machine_type = "q35,graphics=off" # the firmware speaks on the serial console, too
  cpus         = var.cpus
  memory       = var.memory_mib
  net_device   = "virtio-net"
  headless     = true
  disable_vnc  = true
  boot_wait    = "-1s" # the default is to wait 10 s before typing nothing

  qemuargs = concat([
    ["-nodefaults"],
    ["-display", "none"],
    ["-cpu", var.cpu_model],
    ["-pidfile", "pid"],
    ["-chardev", "socket,id=console,path=console"],
    ["-serial", "chardev:console"],
    ["-chardev", "socket,id=qmp,path=qmp"],
    ["-mon", "chardev=qmp,mode=control"],
    # Port 0: the kernel chooses, and nodebake asks QEMU. 9 is for a look whether the guest has its network yet.
    ["-netdev", "user,id=user.0,restrict=${var.restrict},hostfwd=tcp:127.0.0.1:0-:22,hostfwd=tcp:127.0.0.1:0-:9"],
    ["-global", "virtio-net-pci.romfile="], # no iPXE, which would look for something to boot from
    ["-device", "virtio-rng-pci"],
  ], var.login)

  communicator                 = "ssh"
  ssh_host                     = "127.0.0.1"
  ssh_port                     = var.ssh_port
  skip_nat_mapping             = true
  ssh_username                 = "root"
  ssh_private_key_file         = "key"
  ssh_timeout                  = "60m" # nodebake looks after the guest and gives up much earlier, with a reason
  ssh_handshake_attempts       = 1000
  ssh_disable_agent_forwarding = true
  ssh_file_transfer_method     = "sftp"

  # --force: services are not stopped one by one, so none can write a new random seed or log into the cleaned image.
  # File systems are unmounted all the same.
  shutdown_command = "systemctl poweroff --force"
  shutdown_timeout = "5m"
}

build {
  sources = ["source.qemu.image"]

  # /run is memory: what is uploaded never was on the disk.
  provisioner "file" {
    source      = "upload"
    destination = "/run/nodebake"
  }

  # Whatever becomes of the steps, nodebake looks at the machine then, and can say why a step did not come true.
  provisioner "shell" {
    inline = [
      "sh /run/nodebake/upload/apply.sh || touch /run/nodebake/stopped",
      "sh /run/nodebake/upload/observe.sh >/run/nodebake/observed",
    ]
    remote_path     = "/run/nodebake/apply-it.sh"
    execute_command = "sh {{ .Path }}"
    skip_clean      = true
  }

  provisioner "file" {
    direction   = "download"
    source      = "/run/nodebake/observed"
    destination = "observed"
  }

  provisioner "shell" {
    script          = "packer/scripts/sysprep.sh"
    remote_path     = "/run/nodebake/sysprep.sh"
    execute_command = "[ ! -e /run/nodebake/stopped ] && sh {{ .Path }}"
    skip_clean      = true
  }
}
