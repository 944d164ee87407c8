"""The pure part of applications: editions and their calls, applications of mentors, participations of executives."""
