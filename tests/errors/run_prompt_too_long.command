run run_prompt_too_long.yaml -v 0 -o OUTPUT/
