run run_mask_missing.yaml -v 0 -o OUTPUT/
