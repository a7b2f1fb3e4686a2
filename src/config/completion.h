// What a configuration means without saying it: the recipe of `quality:`, the borders of `tile: true`.
#pragma once

#include "config/document.h"
#include "config/schema.h"

namespace clipig {

/// `document` with what `quality` and `tile` imply written out; what is written already stays. Completing twice changes nothing, so that a
/// saved configuration means what it did. Mistakes are left for validate().
///
/// quality: each key of the recipe that the file does not have; `init` not at all where it has a picture. Of each target with features:
/// `batch_size` and `transforms` where it lacks them. The recipe's `constraints` become a target of their own after the file's, for they
/// are about the picture and not about views with noise; not where the file has constraints already.
///
/// tile: each target with features begins with `random_shift: -.5 .5`; where they have a `border: wrap` or `wrap: true`, the
/// parametrisation, effects of `postproc`, the transforms that cut views out, constraints on the whole picture, and `animate` get it.
[[nodiscard]] Node completed(Node document, const Schema& schema);

}  // namespace clipig
