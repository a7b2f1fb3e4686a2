// Shows downloads on standard error: a line that is redrawn on a terminal, a line for each file elsewhere.
#pragma once

#include "models/download.h"

namespace clipig {
[[nodiscard]] DownloadCallbacks download_display();
}
