run expression_wrong_type_later.yaml -v 0 -o OUTPUT/
