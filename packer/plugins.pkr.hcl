# Packer 1.10 and later come without the QEMU builder. Once on such a host: packer init packer/plugins.pkr.hcl
# Not part of build.pkr.hcl: Packer 1.6.6 (Debian 12) refuses a file that says required_plugins.
packer {
  required_plugins {
    qemu = {
      source  = "github.com/hashicorp/qemu"
      version = ">= 1.1.0, < 2.0.0"
    }
  }
}
