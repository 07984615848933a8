# OpenCV's libraries one by one, as targets opencv_<component> and OpenCV_INCLUDE_DIRS.
# Debian keeps OpenCV's own CMake files in libopencv-dev, which draws in some 220 packages that nothing here uses; the
# components used have small packages of their own.
include(FindPackageHandleStandardArgs)

find_path(OpenCV_INCLUDE_DIR opencv2/core.hpp PATH_SUFFIXES opencv4)
mark_as_advanced(OpenCV_INCLUDE_DIR)
foreach(component IN LISTS OpenCV_FIND_COMPONENTS)
  find_library(OpenCV_${component}_LIBRARY opencv_${component})
  find_file(OpenCV_${component}_HEADER opencv2/${component}.hpp PATHS ${OpenCV_INCLUDE_DIR} NO_DEFAULT_PATH)
  mark_as_advanced(OpenCV_${component}_LIBRARY OpenCV_${component}_HEADER)
  if(OpenCV_${component}_LIBRARY AND OpenCV_${component}_HEADER)
    set(OpenCV_${component}_FOUND TRUE)
  endif()
endforeach()
find_package_handle_standard_args(OpenCV REQUIRED_VARS OpenCV_INCLUDE_DIR HANDLE_COMPONENTS)

if(OpenCV_FOUND)
  set(OpenCV_INCLUDE_DIRS ${OpenCV_INCLUDE_DIR})
  foreach(component IN LISTS OpenCV_FIND_COMPONENTS)
    if(OpenCV_${component}_FOUND AND NOT TARGET opencv_${component})
      add_library(opencv_${component} SHARED IMPORTED)
      set_target_properties(opencv_${component} PROPERTIES
        IMPORTED_LOCATION ${OpenCV_${component}_LIBRARY} INTERFACE_INCLUDE_DIRECTORIES ${OpenCV_INCLUDE_DIR})
    endif()
  endforeach()
endif()
