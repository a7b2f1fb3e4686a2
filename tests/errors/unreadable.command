check unreadable-file.yaml
