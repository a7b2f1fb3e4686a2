check set_bad_path.yaml --set targets[0.batch_size=1
