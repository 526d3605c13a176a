"""What gunicorn serves: CKAN as the file that ``CKAN_INI`` names describes it. Runs in CKAN's own environment."""

import logging
import os

from ckan.cli import CKANConfigLoader  # type: ignore[import-not-found]
from ckan.config.middleware import make_app  # type: ignore[import-not-found]

settings = CKANConfigLoader(os.environ["CKAN_INI"]).get_config()
application = make_app(settings)
# Reading the ini's logging section has switched off every logger that it does not name, gunicorn's among them.
logging.getLogger("gunicorn.error").disabled = False
