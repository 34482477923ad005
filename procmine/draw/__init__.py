"""Pictures and sheets: plain data in, figures and files out; nothing here knows of logs."""
