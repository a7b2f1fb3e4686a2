run run_stage_crop_too_large.yaml -v 0 -o OUTPUT/
