#include "plugin/elf.hpp"

#include <elf.h>

#include <algorithm>
#include <cstring>

#include "support.hpp"

namespace gatehouse::plugin::test {
namespace {

std::string good() {
  return read_file(good_plugins() + "/echo.so");
}

TEST(Elf, ReadsAGoodLibrary) {
  const std::string bytes = good();
  const auto elf = read_elf(bytes);
  ASSERT_TRUE(elf) << elf.error().text;
  EXPECT_EQ(elf->machine, own_machine());
  EXPECT_TRUE(elf->manifest.starts_with("GATEHOUSE-PLUGIN/1\n"));
  EXPECT_EQ(elf->exported, std::vector<std::string_view>{"gatehouse_module_v1"});
  EXPECT_NE(std::find(elf->needed.begin(), elf->needed.end(), "libc.so.6"), elf->needed.end());
  EXPECT_TRUE(
      std::any_of(elf->versions.begin(), elf->versions.end(), [](auto v) { return v.starts_with("GLIBC_2."); }));
  EXPECT_TRUE(
      std::any_of(elf->versions.begin(), elf->versions.end(), [](auto v) { return v.starts_with("GLIBCXX_3.4"); }));
  EXPECT_FALSE(elf->executable_stack);
  EXPECT_FALSE(elf->text_relocations);
  EXPECT_FALSE(elf->static_tls);
}

TEST(Elf, RefusesWhatIsNotALibrary) {
  for (const std::string& bytes : {std::string(), std::string("#!/bin/sh\n"),
                                   std::string("\x7f"
                                               "ELF"),
                                   std::string(64, '\0'), std::string(4096, 'E')})
    EXPECT_FALSE(read_elf(bytes));
}

// Cut anywhere, it must be refused or read within its bytes (the sanitizers watch).
TEST(Elf, SurvivesEveryTruncation) {
  const std::string bytes = good();
  for (std::size_t size = 0; size < bytes.size(); size += size < 4096 ? 1 : 997) {
    const std::string cut = bytes.substr(0, size);
    EXPECT_FALSE(read_elf(cut)) << size;
  }
}

template <class T>
T& at(std::string& bytes, std::size_t offset) {
  return *reinterpret_cast<T*>(bytes.data() + offset);
}

struct Damage {
  const char* name;
  void (*apply)(std::string& bytes);
};
Elf64_Ehdr& head(std::string& b) {
  return at<Elf64_Ehdr>(b, 0);
}
Elf64_Phdr& segment(std::string& b, std::uint32_t type) {
  for (int i = 0; i < head(b).e_phnum; ++i) {
    auto& p = at<Elf64_Phdr>(b, head(b).e_phoff + sizeof(Elf64_Phdr) * static_cast<std::size_t>(i));
    if (p.p_type == type) return p;
  }
  throw std::runtime_error("no such segment");
}
Elf64_Shdr& section(std::string& b, std::uint32_t type) {
  for (int i = 0; i < head(b).e_shnum; ++i) {
    auto& s = at<Elf64_Shdr>(b, head(b).e_shoff + sizeof(Elf64_Shdr) * static_cast<std::size_t>(i));
    if (s.sh_type == type) return s;
  }
  throw std::runtime_error("no such section");
}

Elf64_Verneed& versions(std::string& b) {
  return at<Elf64_Verneed>(b, section(b, SHT_GNU_verneed).sh_offset);
}

const Damage kDamages[] = {
    {"32 bits", [](std::string& b) { head(b).e_ident[EI_CLASS] = ELFCLASS32; }},
    {"big endian", [](std::string& b) { head(b).e_ident[EI_DATA] = ELFDATA2MSB; }},
    {"a program", [](std::string& b) { head(b).e_type = ET_EXEC; }},
    {"segments outside", [](std::string& b) { head(b).e_phoff = b.size() - 8; }},
    {"segments at the end of the world", [](std::string& b) { head(b).e_phoff = ~0ull - 8; }},
    {"segments of another size", [](std::string& b) { head(b).e_phentsize = 8; }},
    {"sections outside", [](std::string& b) { head(b).e_shoff = b.size(); }},
    {"no sections", [](std::string& b) { head(b).e_shnum = 0; }},
    {"section names outside", [](std::string& b) { head(b).e_shstrndx = 0xfff0; }},
    {"too many segments", [](std::string& b) { head(b).e_phnum = 0xffff; }},
    {"no dynamic section", [](std::string& b) { segment(b, PT_DYNAMIC).p_type = PT_NULL; }},
    {"dynamic section outside", [](std::string& b) { segment(b, PT_DYNAMIC).p_offset = b.size() - 1; }},
    {"versions outside", [](std::string& b) { versions(b).vn_aux = 0xffffffff; }},
    {"libraries of versions outside", [](std::string& b) { versions(b).vn_next = 0xffffffff; }},
    {"a version's name outside",
     [](std::string& b) {
       const std::size_t first = section(b, SHT_GNU_verneed).sh_offset + versions(b).vn_aux;
       at<Elf64_Vernaux>(b, first).vna_name = 0xffffffff;
     }},
    {"symbols outside", [](std::string& b) { section(b, SHT_DYNSYM).sh_offset = b.size() - 1; }},
    {"symbols without strings", [](std::string& b) { section(b, SHT_DYNSYM).sh_link = 0xffff; }},
    {"symbols without end", [](std::string& b) { section(b, SHT_DYNSYM).sh_size = ~0ull - 7; }},
    {"no symbols", [](std::string& b) { section(b, SHT_DYNSYM).sh_type = SHT_PROGBITS; }},
};

TEST(Elf, RefusesWhatDoesNotAddUp) {
  for (const Damage& d : kDamages) {
    std::string bytes = good();
    d.apply(bytes);
    EXPECT_FALSE(read_elf(bytes)) << d.name;
  }
}

TEST(Elf, SeesTextRelocations) {
  std::string bytes = good();
  const Elf64_Phdr dynamic = segment(bytes, PT_DYNAMIC);
  for (std::size_t i = 0; i < dynamic.p_filesz / sizeof(Elf64_Dyn); ++i) {
    auto& entry = at<Elf64_Dyn>(bytes, dynamic.p_offset + i * sizeof(Elf64_Dyn));
    if (entry.d_tag == DT_FLAGS) entry.d_un.d_val |= DF_TEXTREL;
  }
  const auto elf = read_elf(bytes);
  ASSERT_TRUE(elf) << elf.error().text;
  EXPECT_TRUE(elf->text_relocations);
}

TEST(Elf, WithoutAWordAboutTheStackItIsExecutable) {
  std::string bytes = good();
  segment(bytes, PT_GNU_STACK).p_type = PT_NULL;
  const auto elf = read_elf(bytes);
  ASSERT_TRUE(elf);
  EXPECT_TRUE(elf->executable_stack);
}

}  // namespace
}  // namespace gatehouse::plugin::test
