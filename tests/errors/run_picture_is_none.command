run run_picture_is_none.yaml -v 0 -o OUTPUT/
