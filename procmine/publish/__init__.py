"""Pages, notebooks and workbooks: results that leave the notebook."""
