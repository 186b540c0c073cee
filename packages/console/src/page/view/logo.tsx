/** The mark of the console: three jacks and the cords between them. */
export function Logo(): React.ReactNode {
  return (
    <svg className="logo" viewBox="0 0 32 32" aria-hidden="true">
      <rect width="32" height="32" rx="7" fill="#0f766e" />
      <path
        d="M8.5 22.5q7.5 5 15 0M9 21q1-8 6-10.5M23 21q-1-8-6-10.5"
        fill="none"
        stroke="#fff"
        strokeWidth="2.5"
        strokeLinecap="round"
      />
      <circle cx="8" cy="22" r="3.5" fill="#fff" />
      <circle cx="24" cy="22" r="3.5" fill="#fff" />
      <circle cx="16" cy="9" r="3.5" fill="#5eead4" />
    </svg>
  );
}
