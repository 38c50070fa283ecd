/** What a run says, and how good it is. */
export default function ReportScreen() {
  return null;
}
