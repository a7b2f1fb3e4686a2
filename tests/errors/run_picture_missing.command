run run_picture_missing.yaml -v 0 -o OUTPUT/
