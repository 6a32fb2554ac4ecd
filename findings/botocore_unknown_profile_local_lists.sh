#!/usr/bin/env bash
# botocore 1.44.5: with AWS_PROFILE naming no profile, even the lists that botocore carries itself cannot be read.
#
# The guess: the names of services and regions come from files inside the package and need no credentials, no network and
# no configuration, so a profile that is not there matters only when a client is made. Seen: each of these calls looks up
# the profile first for a `data_path`, a further folder of models, and raises ProfileNotFound. Without the variable they
# answer, and so they do with it when AWS_DATA_PATH or `set_config_variable("data_path", ...)` has already said the folder.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check 'botocore==1.44.5' 2>/dev/null
cat > "$work/look.py" <<'PYTHON'
import os

import botocore.session

calls = {
    "get_available_services": (),
    "get_available_partitions": (),
    "get_available_regions": ("redshift",),
    "get_partition_for_region": ("eu-central-1",),
    "get_service_model": ("redshift-data",),
}
for name, arguments in calls.items():
    seen = []
    for profile, data_path in (("nobody", None), ("nobody", "/nowhere"), (None, None)):
        os.environ.pop("AWS_PROFILE", None)
        if profile:
            os.environ["AWS_PROFILE"] = profile
        session = botocore.session.Session()
        if data_path:
            session.set_config_variable("data_path", data_path)
        try:
            getattr(session, name)(*arguments)
            seen.append("answers")
        except Exception as error:
            seen.append(type(error).__name__)
    print(f"{name:25} unknown profile: {seen[0]}, and a data path: {seen[1]}, no profile: {seen[2]}")
    assert seen == ["ProfileNotFound", "answers", "answers"], "the behaviour has changed"
PYTHON
AWS_CONFIG_FILE="$work/none" AWS_SHARED_CREDENTIALS_FILE="$work/none" "$work/venv/bin/python" "$work/look.py"
