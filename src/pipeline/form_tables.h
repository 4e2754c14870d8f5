// form_tables.h: which tables of a database a study's forms and dimensions get, and what goes into each.
//
// Rule:   <table>_<form key>, of a further part <table>_<form key>_<part>, of a dimension <table>_DIM_<name>, of records without a form
//         <table>__NO_FORM; the views of a form that is split <table>_<form key>_ALL and <table>_<form key>_<part>_ALL.
// Promise: no two of them are one. The table of a form that left the metadata is one of the study's as long as the ledger knows live files
// in
//         it: records that are gone are marked there as anywhere.
// Errors: ExportConfigurationError (config) for two tables of one name.
// Source: docs/formats/forms-layout.md, docs/formats/sql-tables.md.
#pragma once

#include <string>
#include <vector>

#include "pipeline/form_names.h"
#include "sinks/sql/sql_loader.h"

namespace imednet::pipeline {

class FormTables {
 public:
  // `table`: the one that was named. Study and dialect outlive it.
  FormTables(FormStudy& forms, std::string study, sinks::sql::TableName table, const sinks::sql::Dialect& dialect);

  // Before anything is read: forms that are known from the ledger alone join the study, wide ones are split.
  std::vector<sinks::sql::SqlLoader::Target> look(const sinks::sql::Catalog& there);
  // Of the study as it is staged: forms first, then what they refer to.
  std::vector<sinks::sql::TableWork> works() const;
  std::vector<sinks::sql::SplitForm> splits() const;
  // Of a part, counted from 1.
  sinks::sql::TableName part_table(const table::FormLayout& form, std::size_t part) const;

 private:
  using TableName = sinks::sql::TableName;

  TableName named(const std::string& suffix) const { return table_.with(suffix, dialect_); }
  TableName first_table(const std::string& form_key) const;
  TableName view_of(const TableName& table) const { return table.with("ALL", dialect_); }
  void take(Owners& owners, const TableName& name, const std::string& owner) const;
  void find_left(const sinks::sql::Catalog& there);
  std::vector<table::TableThere> parts_there(const sinks::sql::Catalog& there, const table::FormLayout& form, const Owners& owners) const;
  void require_own(const sinks::sql::Catalog& there, const table::FormLayout& form, Owners& owners) const;
  [[noreturn]] void refuse(const std::string& owner, const TableName& name, const std::string& other) const;

  FormStudy& forms_;
  std::string study_;
  TableName table_;
  const sinks::sql::Dialect& dialect_;
};

}  // namespace imednet::pipeline
