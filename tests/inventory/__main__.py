"""Write the inventory: look at what git then says has changed."""

from tests import inventory

inventory.write()
