#include "models/checkpoint/json_check.h"

#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <vector>

namespace pleat {
namespace {

class Checker : public nlohmann::json_sax<nlohmann::json> {
 public:
  bool null() override { return true; }
  bool boolean(bool) override { return true; }
  bool number_integer(number_integer_t) override { return true; }
  bool number_unsigned(number_unsigned_t) override { return true; }
  bool number_float(number_float_t, const string_t&) override { return true; }
  bool string(string_t&) override { return true; }
  bool binary(binary_t&) override { return true; }
  bool start_array(std::size_t) override { return true; }
  bool end_array() override { return true; }
  bool start_object(std::size_t) override {
    keys_.emplace_back();
    return true;
  }
  bool end_object() override {
    keys_.pop_back();
    return true;
  }
  bool key(string_t& name) override {
    if (keys_.back().insert(name).second) return true;
    problem_ = "the key '" + name + "' is given twice in one JSON object";
    return false;
  }
  bool parse_error(std::size_t position, const std::string&, const nlohmann::json::exception&) override {
    problem_ = "not valid JSON near byte " + std::to_string(position);
    return false;
  }

  std::string problem_;

 private:
  std::vector<std::set<std::string>> keys_;
};

}  // namespace

Status check_json(std::string_view text) {
  Checker checker;
  if (!nlohmann::json::sax_parse(text.begin(), text.end(), &checker)) return fail(Error::invalid(checker.problem_));
  return {};
}

}  // namespace pleat
