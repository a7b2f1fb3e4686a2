"""What the program says of command lines that it does not understand."""
import unittest

from support import ProgramTest


class CommandLine(ProgramTest):
    def complaint(self, *arguments):
        out, err = self.run_program(*arguments, code=2)
        self.assertEqual(out, "")
        return err

    def test_nothing_at_all_gets_the_overview(self):
        self.assertIn("Subcommands:", self.complaint())

    def test_misspelt_command(self):
        self.assertEqual(self.complaint("chek", "a.yaml"), "error: there is no command 'chek'\n  hint: did you mean 'check'?\n")

    def test_file_with_a_name_like_a_command(self):
        self.write("chek", "epoch: 0\n")
        self.assertIn("did you mean 'epochs'?", self.complaint("chek"))

    def test_other_words_are_files(self):
        self.assertEqual(self.complaint("strawberries"), "error: cannot read 'strawberries': No such file or directory\n")

    def test_misspelt_option(self):
        self.assertEqual(self.complaint("paint", "--siz", "3"), "error: the option '--siz' is not expected here\n"
                         "  hint: did you mean '--size'? `clipig paint --help` lists all options\n")

    def test_missing_argument(self):
        self.assertEqual(self.complaint("check"), "error: CONFIG is required\n  hint: `clipig check --help` lists all options\n")

    def test_wrong_choice(self):
        self.assertIn("{draft,normal,high,best}", self.complaint("paint", "a cat", "--quality", "hih"))

    def test_help_and_version_are_no_errors(self):
        self.assertIn("Subcommands:", self.run_program("--help")[0])
        self.assertRegex(self.run_program("--version")[0], r"^clipig \d+\.\d+\.\d+\n$")


if __name__ == "__main__":
    unittest.main()
