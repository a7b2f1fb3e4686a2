run run_model_missing.yaml -v 0 -o OUTPUT/
