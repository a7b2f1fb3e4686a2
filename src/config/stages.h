// `stages:` - several settings one after another on the same pixels.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "config/config.h"

namespace clipig {

/// A document against the schema, without its stages; complaints are collected. `prefix` stands before all paths (`stages[1]`).
[[nodiscard]] Config read_document(const Node& document, std::shared_ptr<const Schema> schema, const std::string& prefix,
                                   std::vector<Diagnostic>& complaints);

/// Checks the stages of `document`, whose settings outside of them were read into `config`, and writes them into `config.resolved`: of each
/// stage what differs from the rest of the file, and its epochs. What the file itself has wrong is not complained of again.
void read_stages(Config& config, const Node& document, std::vector<Diagnostic>& complaints);

/// The whole configuration of each stage: a key that the stage has replaces the file's, targets and postproc as a whole. Without stages the
/// configuration itself. Precondition: validate() made it.
[[nodiscard]] std::vector<std::shared_ptr<const Config>> stage_configs(const std::shared_ptr<const Config>& config);

}  // namespace clipig
