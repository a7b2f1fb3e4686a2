// `include:` - settings from other files, below those of the file that includes them.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "config/document.h"

namespace clipig {

/// `document`, read from `file`, with the files of its `include:` (one name or a list) merged below its own settings in their order; the
/// key itself is gone. A file that has been read already acts no second time, so that two files may both build on a third. `seen` holds
/// the files read so far, `file` is added to it; documents that are merged share one. Names are relative to the folder of the file that
/// holds them. `load` reads one file, and throws InputError when it cannot. Throws ConfigError at the name: for such a file, for one that
/// includes itself, and for chains that are too long; the message holds the chain.
[[nodiscard]] Node with_includes(Node document, const std::string& file, const std::function<Node(const std::string&)>& load,
                                 std::vector<std::string>& seen);

}  // namespace clipig
