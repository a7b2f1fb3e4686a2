run run_model_misspelt.yaml -v 0 -o OUTPUT/
