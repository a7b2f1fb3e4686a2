run device_unknown.yaml -v 0 -o OUTPUT/
