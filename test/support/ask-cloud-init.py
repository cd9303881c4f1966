# Prints what cloud-init makes of a cloud-config on standard input, as JSON: the users that it creates, and whether its
# schema accepts the document.
import json
import sys

import yaml
from cloudinit.config.schema import SchemaValidationError, get_schema, validate_cloudconfig_schema
from cloudinit.distros import ug_util


class Distro:
    """The default user of an image of Debian."""

    def get_default_user(self):
        return {"name": "debian", "lock_passwd": True, "shell": "/bin/bash"}


text = sys.stdin.read()
config = yaml.safe_load(text)
faults = []
try:
    validate_cloudconfig_schema(config, schema=get_schema(), strict=True)
except SchemaValidationError as error:
    faults = [str(error)]
users, _ = ug_util.normalize_users_groups(config, Distro())
json.dump({"isCloudConfig": text.startswith("#cloud-config\n"), "faults": faults, "users": users}, sys.stdout)
