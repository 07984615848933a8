#pragma once

#include "converter/fold/fold.h"

namespace pleat {

/// Takes away what folding left unread in the folded model: initializers, and nodes that only made constants, which
/// somebody read in the source. What was idle before stays.
void remove_idle(FoldResult& result);

/// Constants that folds brought and that are equal in type, shape and every byte become one per graph.
void share_equal_constants(FoldResult& result);

}  // namespace pleat
