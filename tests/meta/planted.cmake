# A scratch tree in FOLDER into which the _catches tests plant one file at a time.
file(REMOVE_RECURSE ${FOLDER})

function(plant_headers)
  foreach(header IN LISTS ARGN)
    file(WRITE ${FOLDER}/${header} "#pragma once\n")
  endforeach()
endfunction()

# Runs the rule over the tree with `content` at `path`; gives its exit code and what it said.
function(run_rule_with path content)
  file(WRITE ${FOLDER}/${path} "${content}")
  execute_process(COMMAND ${CMAKE_COMMAND} -D ROOT=${FOLDER} -P ${CMAKE_CURRENT_LIST_DIR}/${rule}.cmake
    RESULT_VARIABLE code OUTPUT_VARIABLE said ERROR_VARIABLE said)
  file(REMOVE ${FOLDER}/${path})
  set(code ${code} PARENT_SCOPE)
  set(said "${said}" PARENT_SCOPE)
endfunction()

function(expect_clean path content)
  run_rule_with(${path} "${content}")
  if(NOT code EQUAL 0)
    message(SEND_ERROR "${rule} refused ${path} with\n${content}${said}")
  endif()
endfunction()

function(expect_caught path content)
  run_rule_with(${path} "${content}")
  string(FIND "${said}" "${path}:" named)
  if(code EQUAL 0 OR named EQUAL -1)
    message(SEND_ERROR "${rule} did not catch ${path} with\n${content}${said}")
  endif()
endfunction()
