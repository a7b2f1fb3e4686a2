run run_mask_shape_fails.yaml -v 0 -o OUTPUT/
