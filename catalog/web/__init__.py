"""The portal: pages, JSON API, RDF and bytes, from one generation of the index and the public store (docs/serving.md)."""
