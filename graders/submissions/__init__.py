"""What students hand in, read without trusting a byte of it.

A folder of submissions holds, for each student,

    alice/                             a folder named after the student,
    bob.zip                            or a zip file,
    carol.ipynb                        or a notebook of the course,
    dave--bucket-or-object.json        or single files: STUDENT--EXERCISE, ending as the exercise's file does,
    dave--02-cidr.ipynb                and STUDENT--NAME.ipynb; all of a student's count as one submission.

In a folder or a zip file lie

    policies/bucket-or-object/policy.json    the files as the workspace has them,
    bucket-or-object.json                    or the same under the exercise's name, at the top
                                             (policies--bucket-or-object where two units have it),
    03-policies.ipynb                        or notebooks, anywhere.

They may lie in one more folder, or in one more zip file. The workspace's file comes first, then the one that
is named after the exercise, then the notebook's answer; but a file that is still the starter gives way.
"""

from graders.submissions.files import LARGEST_FILE
from graders.submissions.listing import Listing, find_submissions
from graders.submissions.reading import Reading, Submission, Work, read_files
from graders.submissions.text import text_of

__all__ = [
    "LARGEST_FILE",
    "Listing",
    "Reading",
    "Submission",
    "Work",
    "find_submissions",
    "read_files",
    "text_of",
]
